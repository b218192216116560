import type { ArchitectureAnalysis } from '../architecture/architecture';
import type { ArchitectureComparison } from '../architecture/comparison';
import type { VerifyReport } from '../contract/compute';
import type { ExplanationView, RunDetail, SystemDescription } from '../contract/views';
import type { Scorecard } from '../scorecard';
import type { CaseSource } from './report-case';
import type { ReportRequest } from './report-request';
import type { ReportStatement } from './statement';

/** What a report is made from. */
export interface ReportSource {
  readonly run: RunDetail;
  readonly request: ReportRequest;
  readonly statement: ReportStatement;
  readonly hashes: RunHashes;
  /** Of everything here that is not worked out from the rest. */
  readonly reportId: string;
  readonly system: SystemDescription;
  readonly cases: readonly CaseSource[];
  /** Certificates on sample inputs; of a run report. */
  readonly certificates: VerifyReport['layers'] | null;
  readonly architecture: ArchitectureSource | null;
  readonly scorecard: Scorecard | null;
}

export interface ArchitectureSource {
  readonly analysis: ArchitectureAnalysis;
  /** An example of the sample, at every layer. */
  readonly through: ExplanationView | null;
  readonly comparison: ArchitectureComparison | null;
}

/** SHA-256 of what a run consists of, 64 hexadecimal digits each. */
export interface RunHashes {
  /** Of the list of all files with their own SHA-256. */
  readonly run: string;
  /** Of the final weights' file. */
  readonly model: string;
  /** Of the list of the shards with their own SHA-256. */
  readonly trace: string;
  readonly files: number;
}
