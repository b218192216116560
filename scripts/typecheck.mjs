#!/usr/bin/env node
// @ts-check
import { ROOT } from './build/root.mjs';
import { runChecks } from './check/run.mjs';
import { typeChecks } from './check/static.mjs';

const { failed } = await runChecks(ROOT, typeChecks());
process.exitCode = failed > 0 ? 1 : 0;
