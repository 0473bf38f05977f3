"""Requests models with nats-py. usage: request.py '{"productId": 0}'"""

import asyncio
import os
import sys

import nats


async def main(body: str) -> None:
    client = await nats.connect(os.environ["NATS_URL"])
    await client.publish("factory.retrain.requested", body.encode())
    await client.drain()  # waits until the server has taken it
    print("asked:", body)


asyncio.run(main(sys.argv[1]))
