/** A figure that had the focus last: menu and palette act on it. */
export interface Figure {
  readonly title: string;
  /** Its numbers as comma-separated values. */
  readonly csv: () => string;
  readonly exportFigure: () => void;
  readonly toggleTable: () => void;
}

class Figures {
  current = $state.raw<Figure | null>(null);

  enter(figure: Figure): void {
    this.current = figure;
  }

  /** The figure is gone. */
  leave(figure: Figure): void {
    if (this.current === figure) this.current = null;
  }
}

export const figures = new Figures();
