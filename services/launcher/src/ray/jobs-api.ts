import { StromaError } from '@stroma/core/errors';
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Answer as HttpAnswer, request } from './request.ts';

/** Where a Ray cluster's dashboard answers, with what it wants to see of who asks. */
export interface RayAddress {
  /** `http://head:8265` */
  url: string;
  headers: Record<string, string>;
}

const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

export const RayJob = Type.Object({
  status: Type.Enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED'] as const),
  message: maybe(Type.String()),
  error_type: maybe(Type.String()),
  driver_exit_code: maybe(Type.Integer()),
});
export type RayJob = Static<typeof RayJob>;

export interface RaySubmission {
  submission_id: string;
  entrypoint: string;
  runtime_env: { env_vars: Record<string, string> };
  metadata: Record<string, string>;
}

const job = Compile(RayJob);
const submitted = Compile(Type.Object({ submission_id: Type.String() }));
const logs = Compile(Type.Object({ logs: Type.String() }));
const stopped = Compile(Type.Object({ stopped: Type.Boolean() }));
const deleted = Compile(Type.Object({ deleted: Type.Boolean() }));

/** The cluster does not answer, or answers that it cannot just now: to be asked again. */
export class RayAway extends Error {
  override name = 'RayAway';
}

/** Ray's Jobs REST API. Each call throws RayAway, or a StromaError when the answer is a refusal or none of this API. */
export class RayJobs {
  readonly #address: RayAddress;

  constructor(address: RayAddress) {
    this.#address = address;
  }

  /** false: a job of that name exists already. */
  async submit(submission: RaySubmission): Promise<boolean> {
    const answer = await this.#ask('POST', '/api/jobs/', submission);
    if (answer.ok) {
      this.#checked(submitted, answer);
      return true;
    }
    // Ray says this with status 400 or, from some versions' agents, inside a 500.
    if (answer.text.includes('already exists')) return false;
    throw this.#refused(answer);
  }

  /** undefined: the cluster knows no such job. */
  async find(id: string): Promise<RayJob | undefined> {
    const answer = await this.#ask('GET', `/api/jobs/${id}`);
    if (answer.status === 404) return undefined;
    return this.#checked(job, this.#accepted(answer));
  }

  /** Everything the job has printed so far. */
  async logs(id: string): Promise<string> {
    const answer = await this.#ask('GET', `/api/jobs/${id}/logs`);
    return answer.status === 404 ? '' : this.#checked(logs, this.#accepted(answer)).logs;
  }

  /** SIGTERM, and SIGKILL when RAY_JOB_STOP_WAIT_TIME_S are over. */
  async stop(id: string): Promise<void> {
    const answer = await this.#ask('POST', `/api/jobs/${id}/stop`);
    if (answer.status !== 404) this.#checked(stopped, this.#accepted(answer));
  }

  /** Removes a job that has ended from the cluster's list. */
  async delete(id: string): Promise<void> {
    const answer = await this.#ask('DELETE', `/api/jobs/${id}`);
    if (answer.status !== 404) this.#checked(deleted, this.#accepted(answer));
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const where = `${method} ${this.#address.url}${path}`;
    try {
      const { status, text } = await request(method, this.#address.url + path, this.#address.headers, body);
      return { status, ok: status >= 200 && status < 300, text, where };
    } catch (error) {
      throw new RayAway((error as NodeJS.ErrnoException).code ?? (error as Error).message);
    }
  }

  #accepted(answer: Answer): Answer {
    if (answer.ok) return answer;
    throw this.#refused(answer);
  }

  #refused(answer: Answer): Error {
    const found = `${answer.status} ${lastLine(answer.text)}`;
    if (answer.status >= 500 || answer.status === 429) return new RayAway(found);
    const credentials = answer.status === 401 || answer.status === 403;
    return new StromaError({
      code: credentials ? 'ray.unauthorized' : 'ray.refused',
      message: credentials ? 'The Ray cluster does not accept who asks.' : 'The Ray cluster refused a request.',
      found,
      where: answer.where,
      remedy: credentials
        ? 'Set STROMA_RAY_HEADERS to what the cluster wants, e.g. {"Authorization": "Bearer …"}.'
        : 'Check that STROMA_RAY_URL is the dashboard of a Ray cluster of version 2.60.',
    });
  }

  #checked<T extends TSchema>(schema: ReturnType<typeof Compile<T>>, answer: Answer): Static<T> {
    let value: unknown;
    try {
      value = JSON.parse(answer.text);
    } catch {
      // Not JSON: refused below.
    }
    if (schema.Check(value)) return value as Static<T>;
    throw new StromaError({
      code: 'ray.answer_unknown',
      message: 'What answered is no Ray cluster, or one of another version.',
      expected: 'an answer of Ray’s Jobs API, version 2.60',
      found: answer.text.slice(0, 200),
      where: answer.where,
      remedy: 'Set STROMA_RAY_URL to the address of the Ray dashboard.',
    });
  }
}

interface Answer extends HttpAnswer {
  ok: boolean;
  where: string;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
