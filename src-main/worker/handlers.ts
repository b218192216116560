import type { ComputeMethods } from '../../src-shared/contract/compute';
import type { Handlers } from '../../src-shared/contract/rpc';
import { completeRecipe } from '../../src-shared/recipe/schema';
import { listDataSets } from '../data/catalogue';
import { importKinds } from '../data/imports/table';
import { removeImported, renameImported } from '../data/imports/upkeep';
import { appendDisclosure, readDisclosures } from '../privacy/disclosure-log';
import { changePolicy } from '../privacy/policy';
import { removeCopied } from '../trace/move-run';
import { analyseRun } from './account';
import { aggregatesModel, requireRelease } from './aggregates-report';
import { compareRuns, recipeWithout } from './architecture-job';
import { estimateCost } from './estimate-job';
import { examplesPage, exampleThumbnail, placeOfExample } from './examples-job';
import { Explanations } from './explain-job';
import { WaitingImport } from './import-job';
import { withImportedModel } from './imported-model';
import { modelsFor } from './models';
import { copyRunInto } from './move-job';
import { OpenRuns } from './open-run';
import { withAbsolutePaths } from './prepare';
import { record, recordingInto } from './record-job';
import { checkRelease } from './release-check';
import { copyRelease, decideOutput, freezeDecided, releaseState } from './release-job';
import { reportModel } from './report-job';
import { describeRun } from './run-detail';
import { systemChecks } from './system-checks';
import { verifyRun } from './verify-job';

/** Runs kept open for the next question. */
const openRuns = 4;

/** Everything the compute worker serves. */
export function computeHandlers(): Handlers<ComputeMethods> {
  const runs = new OpenRuns(openRuns);
  const waiting = new WaitingImport();
  const explanations = new Explanations();
  return {
    'system.checks': () => systemChecks(),
    'data.list': () => listDataSets(),
    'data.rename': async ({ name, to }) => {
      await renameImported(name, to);
      return null;
    },
    'data.remove': async ({ name }) => {
      await removeImported(name);
      return null;
    },
    'import.kinds': () => importKinds(),
    'import.read': (request, context) => waiting.read(request, context),
    'import.keep': async ({ id, name }) => {
      await waiting.keep(id, name);
      return null;
    },
    'import.drop': async ({ id }) => {
      await waiting.drop(id);
      return null;
    },
    'models.list': ({ shape, classes }) => modelsFor(shape, classes),
    'recipe.complete': async ({ recipe, file, from }) => {
      const imported = await withImportedModel(recipe, from === undefined ? [] : [from]);
      const complete = completeRecipe(imported.recipe, file);
      return from === undefined ? complete : withAbsolutePaths(complete, [from]);
    },
    'record.estimate': ({ recipe, folder }, { signal }) => estimateCost(recipe, folder, [], signal),
    'record.run': async ({ recipe, folder }, context) => {
      await record({ recipe, folder, bases: [] }, context);
      return describeRun(folder);
    },
    'run.copy': ({ folder, into }, context) => copyRunInto(folder, into, context),
    'run.removeCopied': async ({ folder, copy }) => {
      await removeCopied(folder, copy);
      return null;
    },
    'record.pause': ({ folder }) => {
      recordingInto(folder).pause();
      return null;
    },
    'record.resume': ({ folder }) => {
      recordingInto(folder).resume();
      return null;
    },
    'record.stop': ({ folder }) => {
      recordingInto(folder).stop();
      return null;
    },
    'run.describe': ({ folder }) => describeRun(folder),
    'run.verify': ({ folder }, context) => verifyRun(folder, context),
    'examples.page': async ({ folder, ...query }, { signal }) =>
      examplesPage(await runs.get(folder), query, signal),
    'examples.thumbnail': async ({ folder, split, index }) =>
      exampleThumbnail(await runs.get(folder), split, index),
    'examples.cells': async ({ folder, examples }) => {
      const { data } = await runs.get(folder);
      return examples.map(({ split, index }) => data[split].cells(index));
    },
    'examples.origins': async ({ folder, examples }) => {
      const { data } = await runs.get(folder);
      return examples.map(({ split, index }) => data[split].origin(index));
    },
    'examples.place': async ({ folder, index, ...filter }, { signal }) =>
      placeOfExample(await runs.get(folder), filter, index, signal),
    'explain.example': async ({ folder, request }, context) =>
      explanations.whole(await runs.get(folder), request, context),
    'explain.summary': async ({ folder, layer, ...question }, context) =>
      explanations.summary(await runs.get(folder), question, layer, context),
    'explain.detail': async ({ folder, layer, ...question }, context) =>
      explanations.detail(await runs.get(folder), question, layer, context),
    'explain.steps': async ({ folder, layer, trained, ...question }, context) =>
      explanations.steps(await runs.get(folder), question, layer, trained, context),
    'explain.csv': async ({ folder, layer, ...question }, context) =>
      explanations.csv(await runs.get(folder), question, layer, context),
    'explain.compare': async ({ folder, layer, questions }, context) =>
      explanations.compare(await runs.get(folder), questions, layer, context),
    'architecture.analyse': async ({ folder, examples }, context) =>
      analyseRun(await runs.get(folder), examples, context),
    'architecture.without': async ({ folder, layers }) =>
      recipeWithout(await runs.get(folder), layers),
    'report.build': async ({ folder, request, statement, other }, context) => {
      if (request.mode === 'aggregates') {
        return aggregatesModel(await requireRelease(folder), request.kind, statement);
      }
      const compared = other === null ? null : await runs.get(other);
      const parts = { statement, scorecard: null, other: compared, seeds: 1 };
      return reportModel(await runs.get(folder), request, parts, context);
    },
    'architecture.compare': async ({ folder, other, examples, seeds }, context) =>
      compareRuns(await runs.get(folder), await runs.get(other), { examples, seeds }, context),
    'release.state': ({ folder }) => releaseState(folder),
    'release.check': async ({ folder, settings }, context) => {
      await checkRelease(await runs.forAggregates(folder), settings, context);
      return releaseState(folder);
    },
    'release.decide': async ({ folder, ...decision }) => {
      await decideOutput(folder, decision);
      return releaseState(folder);
    },
    'release.freeze': async ({ folder, ...signed }) => {
      await freezeDecided(folder, signed);
      return releaseState(folder);
    },
    'release.copy': async ({ folder, file }) => {
      await copyRelease(folder, file);
      return null;
    },
    'disclosure.add': async ({ folder, what, detail }) => {
      await appendDisclosure(folder, { what, detail, by: '', sha256: null });
      return null;
    },
    'release.log': ({ folder }) => readDisclosures(folder),
    'release.policy': ({ folder, ...change }) => changePolicy(folder, change),
  };
}
