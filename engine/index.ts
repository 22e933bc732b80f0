export { openProject, type Project, type ProjectOptions } from './project.ts';
export { plan, type Plan } from './plan.ts';
export type { PlanRequest } from './request.ts';
export { why, type Why } from './why.ts';
export { run, type RunIo, type RunRequest } from './run.ts';
