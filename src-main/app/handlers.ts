import { basename } from 'node:path';
import type { AppMethods } from '../../src-shared/contract/app';
import type { OpenedRecipe } from '../../src-shared/contract/app/recording';
import type { ReportQuestion } from '../../src-shared/contract/app/report';
import type { ImportKind } from '../../src-shared/contract/imports';
import type { Handlers } from '../../src-shared/contract/rpc';
import type { ExplainQuestion, SystemDescription } from '../../src-shared/contract/views';
import type { FileSuggestion } from './dialogs';
import type { Content } from './files';
import { moveRecording } from './move-recording';
import type { Recordings } from './recordings';
import type { ReportDrafts } from './report-drafts';
import type { Reports } from './reports';
import { folderName, type RegisteredRun } from './run-registry';
import { type ShellParts, shellHandlers } from './shell-handlers';

/** What the handlers work with; the Electron parts come in as functions. */
export interface HandlerParts extends ShellParts {
  readonly recordings: Recordings;
  readonly reports: Reports;
  readonly drafts: ReportDrafts;
  readonly describeSystem: () => Promise<SystemDescription>;
  readonly chooseSource: (takes: ImportKind['takes']) => Promise<string | null>;
  /** Asks for the folder that a run is to be moved to. */
  readonly chooseMoveFolder: () => Promise<string | null>;
  readonly openRecipe: () => Promise<OpenedRecipe | null>;
  /** Asks where something is to be saved; null when cancelled. */
  readonly chooseFile: (suggestion: FileSuggestion) => Promise<string | null>;
  /** Opens the release of a run, or one that is chosen, in a window of its own; false when cancelled. */
  readonly openRelease: (run: RegisteredRun | null) => Promise<boolean>;
  readonly saveFile: (suggestion: FileSuggestion, content: Content) => Promise<string | null>;
  readonly choosePicture: () => Promise<string | null>;
}

/** Answers everything the window may ask. */
export function appHandlers(parts: HandlerParts): Handlers<AppMethods> {
  const { compute, registry, recordings, views, reports } = parts;
  const registered = (id: string) => ({ id, folder: registry.folderOf(id) });
  const folders = ({ other, ...question }: ReportQuestion) => ({
    ...question,
    other: other === null ? null : registry.folderOf(other),
  });
  /** A question with the path of its picture in place of the id that the window knows. */
  const opened = ({ request, picture }: ExplainQuestion): ExplainQuestion => ({
    request,
    picture: picture === null ? null : parts.sources.pathOf(picture),
  });
  const asked = (run: string, question: ExplainQuestion) => ({
    folder: registry.folderOf(run),
    ...opened(question),
  });
  return {
    ...shellHandlers(parts),
    'system.describe': parts.describeSystem,
    'runs.describe': ({ run }) => views.detail(registered(run)),
    'runs.verify': ({ run }, context) =>
      compute.call('run.verify', { folder: registry.folderOf(run) }, context),
    'data.list': (params, context) => compute.call('data.list', params, context),
    'data.rename': (params, context) => compute.call('data.rename', params, context),
    'data.remove': (params, context) => compute.call('data.remove', params, context),
    'import.kinds': (params, context) => compute.call('import.kinds', params, context),
    'import.choose': async ({ kind }) => {
      const kinds = await compute.call('import.kinds', {});
      const takes = kinds.find((candidate) => candidate.kind === kind)?.takes ?? 'folder';
      const path = await parts.chooseSource(takes);
      return path === null ? null : parts.sources.add(path);
    },
    'import.read': ({ kind, source, options }, context) =>
      compute.call('import.read', { kind, path: parts.sources.pathOf(source), options }, context),
    'import.keep': (params, context) => compute.call('import.keep', params, context),
    'import.drop': (params, context) => compute.call('import.drop', params, context),
    'models.list': (params, context) => compute.call('models.list', params, context),
    'recipe.open': parts.openRecipe,
    'recipe.save': async ({ recipe, name }) => {
      const complete = await compute.call('recipe.complete', { recipe });
      const text = `${JSON.stringify(complete, null, 2)}\n`;
      return parts.saveFile({ name: folderName(name), kind: 'json' }, () => text);
    },
    'record.estimate': ({ recipe }, context) =>
      compute.call('record.estimate', { recipe, folder: registry.runsFolder }, context),
    'record.start': async ({ recipe, name }) => {
      // A recipe that can't be completed makes no folder.
      const complete = await compute.call('recipe.complete', { recipe });
      const run = await registry.createFolder(name);
      recordings.start(run, complete);
      return views.begun(run, complete);
    },
    'record.follow': async ({ run }, { signal, onProgress }) => {
      const finished = recordings.follow(run, signal, onProgress);
      const detail = await (finished ?? views.detail(registered(run)));
      return views.named(registered(run), detail);
    },
    'record.continue': async ({ run }) => {
      const detail = await views.detail(registered(run));
      recordings.start(registered(run), detail.recipe);
      return { ...detail, recordingNow: true };
    },
    'record.move': async ({ run }, context) => {
      const into = await parts.chooseMoveFolder();
      return into === null ? null : moveRecording(parts, registered(run), into, context);
    },
    'record.pause': async ({ run }) => {
      await recordings.pause(run);
      return null;
    },
    'record.resume': async ({ run }) => {
      await recordings.resume(run);
      return null;
    },
    'record.stop': async ({ run }) => {
      await recordings.stop(run);
      return null;
    },
    'examples.page': ({ run, ...rest }, context) =>
      compute.call('examples.page', { folder: registry.folderOf(run), ...rest }, context),
    'examples.cells': ({ run, ...rest }, context) =>
      compute.call('examples.cells', { folder: registry.folderOf(run), ...rest }, context),
    'examples.origins': ({ run, ...rest }, context) =>
      compute.call('examples.origins', { folder: registry.folderOf(run), ...rest }, context),
    'examples.place': ({ run, ...rest }, context) =>
      compute.call('examples.place', { folder: registry.folderOf(run), ...rest }, context),
    'picture.choose': async () => {
      const path = await parts.choosePicture();
      return path === null ? null : parts.sources.add(path);
    },
    'explain.example': ({ run, layer, ...question }, context) =>
      compute.call('explain.summary', { ...asked(run, question), layer }, context),
    'explain.detail': ({ run, layer, ...question }, context) =>
      compute.call('explain.detail', { ...asked(run, question), layer }, context),
    'explain.steps': ({ run, layer, trained, ...question }, context) =>
      compute.call('explain.steps', { ...asked(run, question), layer, trained }, context),
    'explain.compare': ({ run, layer, questions: [a, b] }, context) => {
      const folder = registry.folderOf(run);
      const questions = [opened(a), opened(b)] as const;
      return compute.call('explain.compare', { folder, layer, questions }, context);
    },
    'explain.save': ({ run, layer, name, head, ...question }, context) =>
      parts.saveFile({ name, kind: 'csv' }, async () => {
        const csv = await compute.call('explain.csv', { ...asked(run, question), layer }, context);
        return head + csv;
      }),
    'architecture.analyse': ({ run, examples }, context) =>
      compute.call('architecture.analyse', { folder: registry.folderOf(run), examples }, context),
    'architecture.retrain': async ({ run, layers }) => {
      const { folder } = registered(run);
      // A network that does not fit together makes no folder.
      const { recipe, startsAnew } = await compute.call('architecture.without', { folder, layers });
      const shallower = await registry.createFolder(
        `${basename(folder)} without ${layers.join(' ')}`,
      );
      recordings.start(shallower, recipe);
      return { run: await views.begun(shallower, recipe), startsAnew };
    },
    'architecture.compare': ({ run, other, ...rest }, context) =>
      compute.call(
        'architecture.compare',
        { folder: registry.folderOf(run), other: registry.folderOf(other), ...rest },
        context,
      ),
    'report.preview': ({ run, ...question }, context) =>
      reports.build(registered(run).folder, folders(question), context),
    'report.export': ({ run, ...question }, context) =>
      reports.export(registered(run).folder, folders(question), context),
    'report.draft': ({ run }) => parts.drafts.of(run),
    'report.saveDraft': ({ run, draft }) => {
      parts.drafts.keep(run, draft);
      return null;
    },
    'figure.save': ({ name, kind, content }) => parts.saveFile({ name, kind }, () => content),
    'release.state': ({ run }, context) =>
      compute.call('release.state', { folder: registry.folderOf(run) }, context),
    'release.check': async ({ run, settings }, context) => {
      const folder = registry.folderOf(run);
      const state = await compute.call('release.check', { folder, settings }, context);
      if (state.kind === 'draft') parts.log.unchecked(state.draft.outputs);
      return state;
    },
    'release.decide': ({ run, ...decision }, context) =>
      compute.call('release.decide', { folder: registry.folderOf(run), ...decision }, context),
    'release.freeze': ({ run, ...signed }, context) =>
      compute.call('release.freeze', { folder: registry.folderOf(run), ...signed }, context),
    'release.save': async ({ run }) => {
      const { folder } = registered(run);
      const file = await parts.chooseFile({ name: `${basename(folder)} release`, kind: 'release' });
      if (file === null) return null;
      await compute.call('release.copy', { folder, file });
      return basename(file);
    },
    'release.log': ({ run }, context) =>
      compute.call('release.log', { folder: registry.folderOf(run) }, context),
    'release.policy': ({ run, ...change }, context) =>
      compute.call('release.policy', { folder: registry.folderOf(run), ...change }, context),
    'release.open': ({ run }) => parts.openRelease(run === null ? null : registered(run)),
  };
}
