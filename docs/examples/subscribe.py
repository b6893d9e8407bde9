"""Print the open incidents, the most urgent first, at each change: ``python subscribe.py localhost:9092``."""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

TOPIC, OPEN = "hypercare.incidents.v1", {"new", "triaged", "in_progress", "fix_deployed", "verifying"}
if not sys.argv[1:]:
    sys.exit(f"Say where Kafka is: python {sys.argv[0]} localhost:9092")
newest = {}  # what was told last of each incident
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "subscriber", "isolation.level": "read_committed"})
partitions = consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
consumer.assign([TopicPartition(TOPIC, number, OFFSET_BEGINNING) for number in partitions])
while True:
    came = [message for message in consumer.consume(500, timeout=1) if message.value() and not message.error()]
    newest.update((message.key(), json.loads(message.value())) for message in came)
    is_open = [incident for incident in newest.values() if incident["state"] in OPEN] if came else ()
    for one in sorted(is_open, key=lambda incident: (incident["priority"], -incident["score"]["order"])):
        print(one["priority"], one["state"], one["incident"], one["title"], flush=True)
