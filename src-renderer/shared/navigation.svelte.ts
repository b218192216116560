import * as v from 'valibot';
import { type Screen, screens } from '../../src-shared/screens';
import { recall, remember } from './memory';

/** Which screen is shown. */
class Navigation {
  screen = $state<Screen>('home');

  go(screen: Screen): void {
    this.screen = screen;
    // Settings are looked at in passing.
    if (screen !== 'settings') remember('screen', screen);
  }

  /** Goes to the screen that was shown when the window was left, and tells which that is. */
  reopen(): Screen {
    this.screen = recall('screen', v.picklist(screens)) ?? 'home';
    return this.screen;
  }
}

export const navigation = new Navigation();
