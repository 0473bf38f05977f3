import { parseReply } from './delivery';

describe('parseReply', () => {
  const expected = {
    stream: 'FACTORY',
    consumer: 'trainer-default',
    deliveryCount: 3,
    streamSequence: 1_204,
    storedAt: new Date('2023-03-31T23:59:59.500Z'),
  };

  it('parses the form of a broker without domains', () => {
    const reply = '$JS.ACK.FACTORY.trainer-default.3.1204.877.1680307199500000000.12';
    expect(parseReply(reply)).toEqual(expected);
  });

  it('parses the form with domain, account and a random suffix', () => {
    const reply = '$JS.ACK.hub.AC5.FACTORY.trainer-default.3.1204.877.1680307199500000000.12.r4nd';
    expect(parseReply(reply)).toEqual(expected);
  });

  it.each([undefined, '', '_INBOX.abc', '$JS.ACK.short'])('does not accept %p as a delivery', (reply) => {
    expect(parseReply(reply)).toBeNull();
  });
});
