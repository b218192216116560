import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot } from '../../../scripts/provision/cache.mjs';

/** Folders of a user who has never started the program, so that nothing of a real one is touched. */
export interface Workplace {
  readonly root: string;
  readonly userData: string;
  /** Where the application puts new recordings. */
  readonly runs: string;
  /** What programs have to be told to work here. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes a workplace; what set-up provided is there, by copy and link. */
export async function makeWorkplace(): Promise<Workplace> {
  const root = await mkdtemp(join(tmpdir(), 'deltascope-e2e-'));
  const [home, cache] = [join(root, 'home'), join(root, 'cache')];
  const own = join(cache, 'deltascope');
  await mkdir(home);
  await mkdir(own, { recursive: true });
  await copyFile(join(cacheRoot(), 'provision.json'), join(own, 'provision.json'));
  await symlink(join(cacheRoot(), 'data'), join(own, 'data'));
  return {
    root,
    userData: join(root, 'settings'),
    runs: join(home, 'Deltascope'),
    env: {
      HOME: home,
      XDG_CACHE_HOME: cache,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_DATA_HOME: join(home, '.local/share'),
      TF_CPP_MIN_LOG_LEVEL: '2',
    },
  };
}

export async function removeWorkplace({ root }: Workplace): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}
