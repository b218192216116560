import type { SectionId } from './report-sections';

/** What of a report supports which point of a framework; nothing here says that it is met. */
export interface FrameworkPoint {
  readonly framework: string;
  readonly point: string;
  readonly asks: string;
  readonly sections: readonly SectionId[];
}

const act = 'EU AI Act, Annex IV';
const nist = 'NIST AI RMF 1.0';
const iso = 'ISO/IEC 42001:2023, Annex A';
const card = 'Model card';

export const frameworkMap: readonly FrameworkPoint[] = [
  {
    framework: act,
    point: '2(a)–(c)',
    asks: 'how the system was developed, its design and the computing used',
    sections: ['identity', 'reproduction'],
  },
  {
    framework: act,
    point: '2(d)',
    asks: 'data requirements: what it was trained on',
    sections: ['identity'],
  },
  {
    framework: act,
    point: '2(g)',
    asks: 'validation and testing: metrics, test reports dated and signed',
    sections: ['cases', 'limits', 'conclusions'],
  },
  {
    framework: act,
    point: '3',
    asks: 'capabilities and limits of performance',
    sections: ['method', 'limits'],
  },
  {
    framework: nist,
    point: 'MAP 2.3',
    asks: 'scientific integrity of tests is documented',
    sections: ['method', 'limits', 'scorecard'],
  },
  {
    framework: nist,
    point: 'MEASURE 2.1',
    asks: 'test sets, metrics and tools are documented',
    sections: ['identity', 'reproduction'],
  },
  {
    framework: nist,
    point: 'MEASURE 2.9',
    asks: 'the model is explained and its output interpreted in context',
    sections: ['cases', 'margins', 'architecture'],
  },
  {
    framework: nist,
    point: 'MEASURE 2.10',
    asks: 'privacy risk is examined',
    sections: ['limits'],
  },
  {
    framework: iso,
    point: 'A.4.3–A.4.5',
    asks: 'data, tooling and computing resources',
    sections: ['identity', 'reproduction'],
  },
  {
    framework: iso,
    point: 'A.6.2.4',
    asks: 'verification and validation',
    sections: ['limits', 'conclusions'],
  },
  {
    framework: iso,
    point: 'A.6.2.7',
    asks: 'technical documentation',
    sections: ['identity', 'method'],
  },
  { framework: iso, point: 'A.7.5', asks: 'provenance of data', sections: ['identity'] },
  {
    framework: card,
    point: 'Model details, training data',
    asks: 'what the model is and was trained on',
    sections: ['identity'],
  },
  {
    framework: card,
    point: 'Quantitative analyses',
    asks: 'results, broken down',
    sections: ['cases', 'architecture'],
  },
  {
    framework: card,
    point: 'Caveats and recommendations',
    asks: 'what to keep in mind',
    sections: ['method', 'limits', 'conclusions'],
  },
];
