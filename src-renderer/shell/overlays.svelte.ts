/** What lies over the screens now: one dialog at a time. */
export type Overlay = 'palette' | 'keys' | 'numbers' | 'logs';

class Overlays {
  open = $state<Overlay | null>(null);

  show(overlay: Overlay): void {
    this.open = overlay;
  }

  /** Closes one; a dialog's late word that it is closed leaves the next one open. */
  close(overlay: Overlay): void {
    if (this.open === overlay) this.open = null;
  }
}

export const overlays = new Overlays();
