import '@fontsource-variable/ibm-plex-sans/wght.css';
import '@fontsource/ibm-plex-mono/latin-400.css';
import './tokens/tokens.css';
import './tokens/base.css';
import './tokens/print.css';
import { mount, tick } from 'svelte';
import type { ReportModel } from '../src-shared/report/report-model';
import { drawingQueue } from './charts/drawing-queue';
import ReportPage from './features/report/ReportPage.svelte';

/** Draws the one report that this page's session knows, then says that it may be printed. */
async function draw(): Promise<void> {
  const answer = await fetch('./report-model.json');
  if (!answer.ok) throw new Error('there is no report here');
  const model: ReportModel = await answer.json();
  const target = document.getElementById('app');
  if (!target) throw new Error('the page has no place for it');
  document.title = `${model.title} ${model.subtitle}`;
  const pictureUrl = (split: string, index: number) => `./picture/${split}-${index}.png`;
  mount(ReportPage, { target, props: { model, pictureUrl } });
  await tick();
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode()));
  await drawingQueue.drained();
  // What was drawn is on the page after two frames.
  await new Promise((resolve) => setTimeout(resolve, 150));
  document.documentElement.dataset.report = 'ready';
}

draw().catch((error: unknown) => {
  document.documentElement.dataset.report = `failed: ${String(error)}`;
});
