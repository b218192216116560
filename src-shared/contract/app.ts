import type { ArchitectureMethods } from './app/architecture';
import type { DataMethods } from './app/data';
import type { ExplanationMethods } from './app/explanation';
import type { RecordingMethods } from './app/recording';
import type { ReleaseMethods } from './app/release';
import type { ReportMethods } from './app/report';
import type { RunMethods } from './app/runs';
import type { ShellMethods } from './app/shell';

/**
 * What the window may ask of the main process. Runs are named by opaque ids, never by paths;
 * folders are chosen in dialogs that the main process opens. Pictures of examples come from
 * `app://thumbnail/<run>/<split>/<index>.png`.
 */
export interface AppMethods
  extends RunMethods,
    DataMethods,
    RecordingMethods,
    ExplanationMethods,
    ArchitectureMethods,
    ReportMethods,
    ReleaseMethods,
    ShellMethods {}
