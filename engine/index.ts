export { openProject, type Project, type ProjectOptions } from './project.ts';
export { plan, type Plan, type PlanRequest } from './plan.ts';
export { why, type Why } from './why.ts';
export { run, type RunIo, type RunRequest } from './run.ts';
