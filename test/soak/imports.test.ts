/** The mutants of the import formats in their long form: 10,000 of each. */
process.env.DELTASCOPE_MUTANTS = '10000';

await import('../unit/data/fuzz.test');

export {};
