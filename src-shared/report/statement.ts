import * as v from 'valibot';
import { DeltascopeError } from '../errors';
import { fields, oneOf, sentenceOf, valued } from '../recipe/fields';
import { type SectionId, sectionIds } from './report-sections';

/** What only the auditor can say: it stands in the report as written, and its lack makes a draft. */
export interface ReportStatement {
  readonly questions: string;
  readonly criteria: string;
  readonly roles: string;
  readonly findings: readonly string[];
  readonly deviations: string;
  readonly conclusions: string;
  readonly signOff: readonly SignOff[];
  /** Sections in another order than the outline's; empty: the outline's. */
  readonly order: readonly SectionId[];
  readonly leftOut: readonly SectionId[];
}

/** Who answers for the report. Names are declared, not authenticated. */
export interface SignOff {
  readonly name: string;
  readonly role: string;
  /** `2026-01-31`. */
  readonly date: string;
}

export const emptyStatement: ReportStatement = {
  questions: '',
  criteria: '',
  roles: '',
  findings: [],
  deviations: '',
  conclusions: '',
  signOff: [],
  order: [],
  leftOut: [],
};

/** Longest text of one field, characters. */
export const longestText = 20_000;
export const mostEntries = 200;

const words = () =>
  valued<string>(
    (value) => typeof value === 'string' && value.length <= longestText,
    `a text of at most ${longestText} characters`,
  );
const section = () => oneOf(sectionIds);
const list = <T extends v.GenericSchema>(entry: T, what: string) =>
  v.pipe(
    v.array(entry, what),
    v.maxLength(mostEntries, `a list of at most ${mostEntries} entries`),
  );

const entries = {
  questions: v.optional(words(), ''),
  criteria: v.optional(words(), ''),
  roles: v.optional(words(), ''),
  findings: v.optional(list(words(), 'a list of texts'), []),
  deviations: v.optional(words(), ''),
  conclusions: v.optional(words(), ''),
  signOff: v.optional(
    list(
      fields({ name: words(), role: words(), date: words() }, 'an object with name, role and date'),
      'a list of names, roles and dates',
    ),
    [],
  ),
  order: v.optional(list(section(), 'a list of sections'), []),
  leftOut: v.optional(list(section(), 'a list of sections'), []),
};

/** Shape of a statement, absent fields empty. */
export const statementSchema = fields(entries, 'an object of questions, findings and sign-off');

/**
 * A statement from JSON, complete.
 *
 * @param file how errors name it
 * @throws `request-invalid`, one sentence with the place of the fault
 */
export function readStatement(input: unknown, file: string): ReportStatement {
  const result = v.safeParse(statementSchema, input);
  if (result.success) return result.output;
  throw new DeltascopeError('request-invalid', 'worker', sentenceOf(result.issues[0], file));
}

/** What of the statement is still to be written, as the list of missing evidence names it. */
export function unsaid(statement: ReportStatement): string[] {
  const { questions, criteria, roles, findings, conclusions, signOff } = statement;
  const blank = (text: string) => text.trim() === '';
  const missing: string[] = [];
  if (blank(questions)) missing.push('the questions of the audit');
  if (blank(criteria)) missing.push('the criteria that it decides by');
  if (blank(roles)) missing.push('the roles of those who take part');
  if (findings.every(blank)) missing.push('findings');
  if (blank(conclusions)) missing.push('conclusions');
  const signed = signOff.filter(({ name, role, date }) => ![name, role, date].some(blank));
  if (signed.length === 0) missing.push('a sign-off with name, role and date');
  else if (signed.length < signOff.length) missing.push('name, role or date of a sign-off');
  return missing;
}
