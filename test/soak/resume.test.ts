/** Recordings that are killed at 200 random moments and end with the same weights. */
process.env.DELTASCOPE_RESUMES = '100';

await import('../integration/resume.test');

export {};
