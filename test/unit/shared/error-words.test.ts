import { expect, it } from 'vitest';
import { errorDetails } from '../../../src-shared/error-words';

it.each([
  ['/home/ada/runs/audit is not a Deltascope run: it has no run.json.', /ada|audit|run\.json/],
  ["Unknown data set 'patients-2024'; did you mean 'pets'?", /patients|2024|pets/],
  ['C:\\Users\\Ada\\scan.png, byte 120: the header ends early.', /Ada|scan|120/],
  ['“Ada Lovelace” is locked at step 8 400.', /Ada|8 400/],
])('strips names, paths and numbers of %j', (message, secret) => {
  const text = errorDetails({ code: 'run-missing', message, origin: 'trace' });
  expect(text).toMatch(/^DS-1201 run-missing \(trace\)\n/);
  expect(text.split('\n')[1]).not.toMatch(secret);
});
