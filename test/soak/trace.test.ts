/** The tests of durability in their long form: 200 kills, 1,000 flipped bits. */
process.env.DELTASCOPE_KILLS = '200';
process.env.DELTASCOPE_FLIPS = '1000';

await import('../unit/trace/kill.test');
await import('../unit/trace/damage.test');

export {};
