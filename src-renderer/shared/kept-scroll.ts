import type { Attachment } from 'svelte/attachments';

/** How far places were scrolled when they were left, by their names; as long as the window lives. */
const places = new Map<string, number>();

/** Milliseconds in which a place that is shown again may still grow to its old height. */
const growsFor = 3000;
const growsEvery = 50;

/** Scrolls an element to where the place of this name was left, once it is high enough for that. */
export function keepScroll(name: string): Attachment<HTMLElement> {
  return (element) => {
    let wanted = places.get(name) ?? 0;
    const until = performance.now() + growsFor;
    const settled = () => {
      wanted = 0;
      clearInterval(timer);
    };
    const scroll = () => {
      if (wanted > 0) element.scrollTop = wanted;
      if (element.scrollTop >= wanted - 1 || performance.now() > until) settled();
    };
    // Nothing is asked where nothing is wanted, and else not before the frame that shows it: each asking
    // has all that is there by then laid out.
    const frame = wanted > 0 ? requestAnimationFrame(scroll) : 0;
    const timer = wanted > 0 ? setInterval(scroll, growsEvery) : undefined;
    const onscroll = () => {
      // Until then its height, not the reader, says how far it is scrolled.
      if (wanted === 0) places.set(name, element.scrollTop);
    };
    element.addEventListener('scroll', onscroll, { passive: true });
    // Whoever scrolls meanwhile is not pulled back.
    const own = ['wheel', 'pointerdown', 'keydown'] as const;
    for (const event of own) element.addEventListener(event, settled, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      settled();
      element.removeEventListener('scroll', onscroll);
      for (const event of own) element.removeEventListener(event, settled);
    };
  };
}
