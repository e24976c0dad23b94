import type { paths } from './schema';

type Ok<T> = T extends { responses: { 200: { content: { 'application/json': infer A } } } } ? A : never;

/** What GET of this path answers, e.g. `Answer<'/api/v1/alarms'>`. */
export type Answer<P extends keyof paths> = paths[P] extends { get: infer G } ? Ok<G> : never;

/** What one item of the list at this path is. */
export type Item<P extends keyof paths> = Answer<P> extends { items: (infer I)[] } ? I : never;

/** What POST of this path takes. */
export type PostBody<P extends keyof paths> = paths[P] extends {
  post: { requestBody: { content: { 'application/json': infer B } } };
}
  ? B
  : never;

/** What PUT of this path takes. */
export type PutBody<P extends keyof paths> = paths[P] extends {
  put: { requestBody: { content: { 'application/json': infer B } } };
}
  ? B
  : never;
