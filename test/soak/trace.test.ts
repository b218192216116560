/** The tests of durability in their long form: 200 kills, 1,000 flipped bits, every call that can fail. */
process.env.DELTASCOPE_KILLS = '200';
process.env.DELTASCOPE_FLIPS = '1000';
process.env.DELTASCOPE_FAULT_STRIDE = '1';

await import('../unit/trace/kill.test');
await import('../unit/trace/damage.test');
await import('../unit/trace/index-faults.test');
await import('../unit/trace/repack-faults.test');

export {};
