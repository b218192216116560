/** How many questions that take a while are open. */
export const jobs = $state({ open: 0 });
