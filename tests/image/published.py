"""Pass on each connection to one address and port to another: `python -m tests.image.published HOST PORT TO_HOST TO_PORT`."""

import asyncio
import sys

_PIECE = 65536


async def _carry(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(_PIECE):
            to.write(piece)
            await to.drain()
    except ConnectionError:
        pass  # its other half ends likewise
    finally:
        to.close()


async def _serve(host: str, port: int, to_host: str, to_port: int) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection(to_host, to_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_carry(reader, to_writer), _carry(to_reader, writer))

    server = await asyncio.start_server(connected, host, port)
    await server.serve_forever()


if __name__ == "__main__":
    _, host, port, to_host, to_port = sys.argv
    asyncio.run(_serve(host, int(port), to_host, int(to_port)))
