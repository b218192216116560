import type { CheckProgress } from '../../../src-shared/contract/progress';
import type { RunDetail } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import type { OutputKind, ReleaseOutput } from '../../../src-shared/privacy/release';
import type {
  DisclosureLog,
  OutputDecision,
  PrivacyMode,
  ReleaseSettings,
  ReleaseState,
} from '../../../src-shared/privacy/review';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { openRun } from '../../shared/open-run.svelte';
import { type Undoable, undo } from '../../shared/undo.svelte';

/** The way of a run to its release: checking, deciding, freezing. */
class ReleaseReview {
  readonly state = new AsyncValue<ReleaseState>();
  readonly log = new AsyncValue<DisclosureLog>();
  run = $state<string | null>(null);
  /** The output that is looked at. */
  chosen = $state<OutputKind | null>(null);
  problem = $state.raw<ErrorReport | null>(null);
  /** Why the last release could not be opened. */
  openProblem = $state.raw<ErrorReport | null>(null);
  /** File of the copy that was saved last. */
  saved = $state<string | null>(null);
  /** While outputs are being checked: where that stands. */
  checking = $state.raw<CheckProgress | null>(null);
  readonly #undoables: Undoable[] = [];

  readonly draft = $derived(this.state.value?.kind === 'draft' ? this.state.value.draft : null);
  readonly output = $derived(
    this.draft?.outputs.find(({ kind }) => kind === this.chosen) ?? this.draft?.outputs[0] ?? null,
  );
  /** Outputs that may be released and wait for a decision. */
  readonly undecided = $derived(
    this.draft?.outputs.filter(
      ({ kind, check }) => check.state !== 'fail' && this.decisionOn(kind) === null,
    ) ?? [],
  );

  /** Takes a run; what was shown of another one is forgotten. */
  async take(run: RunDetail): Promise<void> {
    if (this.run === run.id) return;
    this.run = run.id;
    this.#forgetDecisions();
    this.chosen = null;
    this.problem = null;
    this.saved = null;
    this.checking = null;
    this.state.clear();
    this.log.clear();
    await this.read();
  }

  async read(): Promise<void> {
    const { run } = this;
    if (run === null) return;
    await this.state.run((options) => call('release.state', { run }, options));
    await this.readLog();
  }

  async readLog(): Promise<void> {
    const { run } = this;
    if (run !== null) await this.log.run((options) => call('release.log', { run }, options));
  }

  /** Works every output out and checks it by the rules; decisions made before are gone. */
  async check(settings: ReleaseSettings): Promise<void> {
    const { run } = this;
    if (run === null) return;
    this.problem = null;
    this.chosen = null;
    this.#forgetDecisions();
    this.checking = { kind: 'check', stepsRead: 0, steps: 0, checked: [] };
    await this.state.run(({ signal }) =>
      call(
        'release.check',
        { run, settings },
        { signal, onProgress: (p) => p.kind === 'check' && run === this.run && this.#follow(p) },
      ),
    );
    if (!this.state.loading) this.checking = null;
  }

  #follow(progress: CheckProgress): void {
    this.checking = progress;
  }

  /** Stops checking; what was checked before stays. */
  cancelCheck(): void {
    this.state.cancel();
    this.checking = null;
  }

  decisionOn(output: OutputKind): OutputDecision | null {
    return this.draft?.decisions.find((decision) => decision.output === output) ?? null;
  }

  /** Approves or rejects an output; it can be undone until the release is frozen. */
  async decide({ kind, title }: ReleaseOutput, approved: boolean, reason: string): Promise<void> {
    const before = this.decisionOn(kind);
    const done = await this.#ask((run) =>
      call('release.decide', { run, output: kind, approved, reason }),
    );
    if (!done) return;
    const undoable = {
      done: `${title} is ${approved ? 'approved' : 'rejected'}.`,
      takeBack: () => this.#takeBack(kind, before),
    };
    this.#undoables.push(undoable);
    undo.push(undoable);
    this.chosen = this.undecided[0]?.kind ?? kind;
  }

  async #takeBack(output: OutputKind, before: OutputDecision | null): Promise<void> {
    this.chosen = output;
    const approved = before?.approved ?? null;
    await this.#ask((run) =>
      call('release.decide', { run, output, approved, reason: before?.reason ?? '' }),
    );
  }

  /** There is no draft any more whose decisions could be taken back. */
  #forgetDecisions(): void {
    for (const undoable of this.#undoables.splice(0)) undo.drop(undoable);
  }

  /** Freezes what is approved: there is one release of a run, and it does not change any more. */
  async freeze(signed: { author: string; checker: string; comment: string }): Promise<void> {
    if (!(await this.#ask((run) => call('release.freeze', { run, ...signed })))) return;
    this.#forgetDecisions();
    await this.readLog();
  }

  /** Saves a copy of the frozen release where the auditor says. */
  async save(): Promise<void> {
    await this.#try(async (run) => {
      this.saved = await call('release.save', { run });
      await this.readLog();
    });
  }

  /** Opens a release in the window of a reviewer: the run's, or with null one that is chosen. */
  async open(run: string | null): Promise<void> {
    this.openProblem = null;
    try {
      await call('release.open', { run });
    } catch (error) {
      this.openProblem = reportOf(error, 'app');
    }
  }

  /** Keeps the run to aggregates or opens it again, or raises its threshold. */
  async allow(change: {
    mode: PrivacyMode;
    atLeast: number;
    by: string;
    reason: string;
  }): Promise<void> {
    await this.#try(async (run) => {
      await call('release.policy', { run, ...change });
      await this.read();
      await openRun.open(run);
    });
  }

  /** Asks for something that gives the new state; whether it could be done. */
  async #ask(job: (run: string) => Promise<ReleaseState>): Promise<boolean> {
    return this.#try(async (run) => {
      this.state.value = await job(run);
    });
  }

  async #try(job: (run: string) => Promise<void>): Promise<boolean> {
    const { run } = this;
    if (run === null) return false;
    this.problem = null;
    try {
      await job(run);
      return true;
    } catch (error) {
      this.problem = reportOf(error, 'app');
      return false;
    }
  }
}

export const review = new ReleaseReview();
