import { defineConfig } from '@playwright/test';

export default defineConfig({
  outputDir: 'artifacts/e2e',
  globalSetup: './test/setup/temporary.mjs',
  projects: [
    { name: 'window', testDir: 'test/e2e' },
    // Over the packed application, which takes long to make.
    { name: 'packaged', testDir: 'test/packaged' },
  ],
  // One window at a time: training takes all cores, and two would disturb each other's timing.
  workers: 1,
  fullyParallel: false,
  timeout: 300_000,
  expect: { timeout: 20_000 },
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
});
