export { openProject, type Project } from './project/project.ts';
export { plan, survey, type Survey } from './plan/plan.ts';
export type { PlanRequest } from './plan/request.ts';
export { why } from './why/why.ts';
export { checkDeterminism } from './execution/check-determinism.ts';
export { run, type RunRequest } from './execution/run.ts';
