import { expect, it } from 'vitest';
import { withRemedy } from '../../../scripts/package/pack.mjs';

it('a tool that could not be fetched is told of with what to do about it', () => {
  const found = withRemedy(new Error('getaddrinfo ENOTFOUND github.com'), ['AppImage']);
  expect((found as Error).message).toMatch(
    /could not fetch its tool for AppImage \(getaddrinfo ENOTFOUND github\.com\); try again .* npm run package, which needs no tool$/,
  );
});

it('and nothing else is', () => {
  const error = new Error('no icon');
  expect(withRemedy(error, ['AppImage'])).toBe(error);
});
