/**
 * Which folder may import from which (docs/architecture.md). What is not allowed here is an error.
 */

const MAIN = ['engine', 'trace', 'data', 'privacy', 'worker'];
const PACKAGES = ['node_modules', '^node:', '^[a-z_/]+$'];

/** A folder of the main process may use itself and every folder above it. */
const mainRules = MAIN.map((folder, index) => ({
  from: { path: `^src-main/${folder}/` },
  to: { path: `^(src-shared|src-main/(${MAIN.slice(0, index + 1).join('|')}))/` },
}));

const entryRules = ['app', 'cli'].map((folder) => ({
  from: { path: `^src-main/${folder}/` },
  to: { path: `^(src-shared|src-main/(${MAIN.join('|')}|${folder}))/` },
}));

const rendererRules = [
  {
    from: { path: '^src-renderer/(tokens|api|charts|shared)/' },
    to: { path: '^(src-shared|src-renderer/(tokens|api|charts|shared))/' },
  },
  {
    from: { path: '^src-renderer/features/' },
    to: { path: '^(src-shared|src-renderer/(tokens|api|charts|shared|features))/' },
  },
  {
    from: { path: '^src-renderer/(shell/|[^/]+$)' },
    to: { path: '^(src-shared|src-renderer)/' },
  },
];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Files that need each other belong together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^electron$', '\\?(modulePath|raw|url|inline)$'] },
    },
    {
      name: 'engine-is-pure',
      comment: 'The engine computes: no files, no database, no windows.',
      severity: 'error',
      from: { path: '^src-main/engine/' },
      to: { path: '(^|node_modules/)(electron|better-sqlite3)(/|$)|^(node:)?fs(/promises)?$' },
    },
    {
      name: 'only-app-uses-electron',
      severity: 'error',
      from: { path: '^src-(main|shared|renderer)/', pathNot: '^src-main/app/' },
      to: { path: '(^|node_modules/)electron(/|$)' },
    },
    {
      name: 'shared-and-renderer-run-anywhere',
      comment: 'Neither the shared code nor a page has Node.',
      severity: 'error',
      from: { path: '^src-(shared|renderer)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'shared-and-renderer-have-no-native-parts',
      severity: 'error',
      from: { path: '^src-(shared|renderer)/' },
      to: { path: 'node_modules/(@tensorflow|better-sqlite3)/' },
    },
  ],
  allowed: [
    { from: {}, to: { path: PACKAGES } },
    { from: {}, to: { dependencyTypes: ['core', 'npm', 'npm-dev'] } },
    // Vite's `?modulePath` names a module that is started, not imported.
    {
      from: { path: '^src-main/(worker|app|cli)/' },
      to: { path: '/worker/[a-z-]+\\?modulePath$' },
    },
    { from: { path: '^src-shared/' }, to: { path: '^src-shared/' } },
    ...mainRules,
    ...entryRules,
    ...rendererRules,
  ],
  allowedSeverity: 'error',
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.(css|html|svg|png|woff2)$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'svelte', 'browser', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.svelte', '.svelte.ts', '.json'],
    },
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
  },
};
