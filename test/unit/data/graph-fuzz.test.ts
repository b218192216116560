import { describeGraphMutants } from './graph-mutants';

describeGraphMutants(300);
