export { openProject, type Project } from './project.ts';
export { plan } from './plan.ts';
export type { PlanRequest } from './request.ts';
export { why } from './why.ts';
export { checkDeterminism } from './rehearsal.ts';
export { run, type RunRequest } from './run.ts';
