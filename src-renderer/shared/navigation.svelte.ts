import type { Screen } from '../../src-shared/screens';

/** Which screen is shown. */
class Navigation {
  screen = $state<Screen>('home');

  go(screen: Screen): void {
    this.screen = screen;
  }
}

export const navigation = new Navigation();
