/** The part of the npm packages `ari-client` 2.2 and `swagger-client` 2.0 that `ari-client.ts` uses. */
declare module 'ari-client' {
  export interface RawSocket {
    on(event: string, listener: (...args: unknown[]) => void): void;
    removeAllListeners(event: string): void;
    readonly readyState: number;
    ping(): void;
    close(): void;
    terminate(): void;
  }
  export interface RawClient {
    readonly _ws: RawSocket;
    start(app: string): PromiseLike<void>;
    readonly [resource: string]: unknown;
  }
  const ariClient: { connect(url: string, user: string, password: string): PromiseLike<RawClient> };
  export default ariClient;
}

declare module 'swagger-client' {
  export interface SwaggerRequest {
    url: string;
    headers: Record<string, string>;
    on: { error: (response: { status?: number; data?: unknown }) => void };
    agent?: unknown;
    /** Milliseconds. */
    timeout?: number;
  }
  const swagger: {
    authorizations: { add(name: string, authorization: { apply(request: SwaggerRequest): boolean }): void };
  };
  export default swagger;
}
