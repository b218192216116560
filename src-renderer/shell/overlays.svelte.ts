/** What lies over the screens now: one dialog at a time. */
export type Overlay = 'palette' | 'keys' | 'numbers' | 'logs';

class Overlays {
  open = $state<Overlay | null>(null);

  show(overlay: Overlay): void {
    this.open = overlay;
  }

  close(): void {
    this.open = null;
  }
}

export const overlays = new Overlays();
