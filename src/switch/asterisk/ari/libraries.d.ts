/** The part of the npm packages `ari-client` 2.2 and `swagger-client` 2.0 that `library.ts` and `http.ts` use. */
declare module 'ari-client' {
  export interface RawClient {
    readonly [resource: string]: unknown;
  }
  const ariClient: { connect(url: string, user: string, password: string): PromiseLike<RawClient> };
  export default ariClient;
}

declare module 'swagger-client' {
  export interface SwaggerRequest {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly on: {
      error(refusal: { readonly status: number; readonly statusText: string }): void;
      response(answer: { readonly status: number; readonly data: string }): void;
    };
  }
  const swagger: { SwaggerHttp: { prototype: { execute(request: SwaggerRequest): void } } };
  export default swagger;
}
