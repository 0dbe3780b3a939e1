/** Messages of an event socket, as text: a command of ours, or headers and a body of FreeSWITCH's. */

export interface Message {
  /** Without `Content-Length`, and without the line end of the last. */
  readonly head: string;
  readonly body: string;
}

const LENGTH = /^Content-Length: (\d+)\n?/m;

/** Cuts what comes over a connection into messages. @returns what to feed it with. */
export function splitMessages(onMessage: (message: Message) => void): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const head = rest.toString('utf8', 0, end);
      const length = Number(LENGTH.exec(head)?.[1] ?? 0);
      if (rest.length < end + 2 + length) return;
      const body = rest.toString('utf8', end + 2, end + 2 + length);
      rest = rest.subarray(end + 2 + length);
      onMessage({ head: head.replace(LENGTH, '').trimEnd(), body });
    }
  };
}

/** As FreeSWITCH writes it. */
export function writeMessage({ head, body }: Message): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.from(length === 0 ? `${head}\n\n` : `Content-Length: ${length}\n${head}\n\n${body}`);
}

export const isReply = ({ head }: Pick<Message, 'head'>): boolean =>
  /^Content-Type: (command\/reply|api\/response)$/m.test(head);

/** What FreeSWITCH encodes of a value at the hand-over. */
export const encodeValue = (value: string): string =>
  value.replace(/[\r\n #%&+:;<=>?@[\\\]^`{|}"]|[^\x20-\x7e]/g, (unsafe) =>
    [...Buffer.from(unsafe)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
