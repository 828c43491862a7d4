import { StromaError } from './errors.ts';

/** The value of an environment variable that a service cannot do without. */
export function required(env: Record<string, string | undefined>, name: string, service: string): string {
  const value = env[name];
  if (value) return value;
  throw new StromaError({
    code: 'environment.missing',
    message: `${name} is not set.`,
    where: `environment of ${service}`,
    remedy: 'Start the services with npm start, which sets it.',
  });
}
