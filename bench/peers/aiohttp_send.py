"""What a Python team would write for speed: aiohttp_send.py URL TOKEN FILE CONCURRENCY"""
import asyncio
import csv
import json
import sys

import aiohttp

url, token, file, concurrency = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}


async def worker(rows, session, counts):
    for row in rows:
        body = json.dumps({"referenceid": int(row["referenceid"]), "ackno": int(row["ackno"])})
        async with session.post(url, data=body, headers=headers) as response:
            answer = json.loads(await response.text())
            counts[answer["response_code"] == 1] += 1


async def main():
    counts = {True: 0, False: 0}
    with open(file, newline="") as lines:
        rows = csv.DictReader(lines)
        connector = aiohttp.TCPConnector(limit=concurrency)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*(worker(rows, session, counts) for _ in range(concurrency)))
    print("success", counts[True], "error", counts[False])


asyncio.run(main())
