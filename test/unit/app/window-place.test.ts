import { describe, expect, it } from 'vitest';
import { windowPlace } from '../../../src-main/app/window-place';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };

describe('windowPlace', () => {
  it('starts centred', () => {
    expect(windowPlace(undefined, [screen])).toEqual({ x: 320, y: 140, width: 1280, height: 800 });
  });

  it('comes back to where it was', () => {
    const place = { x: 100, y: 50, width: 1400, height: 900 };
    expect(windowPlace(place, [screen])).toEqual(place);
  });

  it('comes back into sight when its screen is gone', () => {
    const gone = { x: 3000, y: 200, width: 1400, height: 900 };
    expect(windowPlace(gone, [screen])).toEqual({ x: 320, y: 140, width: 1280, height: 800 });
  });

  it('fits into a smaller screen, but never below its minimum', () => {
    const small = { x: 0, y: 0, width: 1000, height: 600 };
    const place = windowPlace({ x: 10, y: 10, width: 1900, height: 1000 }, [small]);
    expect(place).toEqual({ x: 0, y: 0, width: 1024, height: 700 });
  });
});
