import { describe, expect, it } from 'vitest';
import { commands, type KeyPress, keysInWords, matches } from '../../../src-shared/commands';

const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
});
const ctrl = { ctrlKey: true };

describe('commands', () => {
  it('has each id, each accelerator and each single key once', () => {
    for (const field of ['id', 'accelerator', 'key'] as const) {
      const all = commands.flatMap((command) => command[field] ?? []);
      expect(new Set(all).size, field).toBe(all.length);
    }
  });
});

describe('matches', () => {
  it.each([
    ['CmdOrCtrl+N', press('n', ctrl), true],
    ['CmdOrCtrl+N', press('n'), false],
    ['CmdOrCtrl+N', press('n', { ctrlKey: true, altKey: true }), false],
    ['CmdOrCtrl+E', press('E', { ctrlKey: true, shiftKey: true }), false],
    ['CmdOrCtrl+Shift+E', press('E', { ctrlKey: true, shiftKey: true }), true],
    ['CmdOrCtrl+,', press(',', ctrl), true],
    ['CmdOrCtrl+Plus', press('=', ctrl), true],
    ['CmdOrCtrl+Plus', press('+', { ctrlKey: true, shiftKey: true }), true],
    ['F6', press('F6'), true],
    ['F6', press('F6', ctrl), false],
  ])('%s by %j: %s', (accelerator, event, expected) => {
    expect(matches(accelerator, event, false)).toBe(expected);
  });

  it('takes the command key on a Mac, and not the control key', () => {
    expect(matches('CmdOrCtrl+K', press('k', { metaKey: true }), true)).toBe(true);
    expect(matches('CmdOrCtrl+K', press('k', ctrl), true)).toBe(false);
  });
});

it('writes keys as they are on the keyboard', () => {
  expect(keysInWords('CmdOrCtrl+Shift+E', false)).toBe('Ctrl Shift E');
  expect(keysInWords('CmdOrCtrl+Plus', true)).toBe('⌘ +');
});
