import { describeGraphMutants } from '../unit/data/graph-mutants';

describeGraphMutants(10_000);
