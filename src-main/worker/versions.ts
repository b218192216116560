import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineInfo } from '../engine/backend';

/** Deltascope's own version, from the package.json above this module. */
export function productVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let parent = dirname(folder); parent !== folder; parent = dirname(folder)) {
    try {
      const text = readFileSync(resolve(folder, 'package.json'), 'utf8');
      const { name, version } = JSON.parse(text) as { name?: string; version?: string };
      if (name === 'deltascope' && version) return version;
    } catch {
      // Not here: look one folder up.
    }
    folder = parent;
  }
  return 'unknown';
}

/** Versions of all that a run's numbers depend on. */
export function productVersions(engine: EngineInfo): Record<string, string> {
  return {
    deltascope: productVersion(),
    tfjs: engine.version,
    node: process.versions.node,
    ...(process.versions.electron ? { electron: process.versions.electron } : {}),
  };
}
