#!/usr/bin/env python3
"""Publishes messages like a client without knowledge of the factory: nats-py, plain core publish.

    publish_request.py nats://127.0.0.1:4222 factory.retrain.requested '{"productId": 0}' [more messages]
"""

import asyncio
import sys

import nats


async def main(url: str, subject: str, *messages: str) -> None:
    client = await nats.connect(url)
    for message in messages:
        await client.publish(subject, message.encode())
    await client.flush()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
