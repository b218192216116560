/** The mutants of Keras models in their long form: 10,000 of each. */
process.env.DELTASCOPE_MUTANTS = '10000';

await import('../unit/data/keras-fuzz.test');

export {};
