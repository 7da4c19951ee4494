# SPDX-License-Identifier: GPL-3.0-or-later
"""A member with several devices: the one with the highest priority speaks for the member, among equals the most available one."""
from actors import main
from presence_scene import PresenceScene


class SeveralDevices(PresenceScene):
    def member_with(self, name: str, *devices: str):
        member, = self.members(name)
        return [member.device(device).logs_in() for device in devices]

    def test_the_highest_priority_speaks(self):
        desk, phone = self.member_with("anna", "desk", "phone")
        desk.shows("chat", "At my desk", 1)
        phone.shows("away", "On the train", 10)
        self.wait_who("anna", show="away", priority=10, status="On the train", resources=2)
        phone.shows("away", "On the train", -1)
        self.wait_who("anna", show="chat", priority=1, status="At my desk", resources=2)
        self.wait_right()

    def test_among_equals_the_most_available(self):
        desk, phone, tablet = self.member_with("ben", "desk", "phone", "tablet")
        desk.shows("xa")
        phone.shows("dnd")
        tablet.shows("away")
        self.wait_who("ben", show="away", resources=3)
        phone.shows("chat")
        self.wait_who("ben", show="chat", resources=3)
        self.wait_right()

    def test_one_leaves_and_the_member_stays(self):
        desk, phone = self.member_with("carla", "desk", "phone")
        desk.shows("", "At my desk", 5)
        phone.shows("away", "Walking")
        self.wait_who("carla", status="At my desk", resources=2)
        began = self.who("carla").online_since
        desk.logs_out()
        self.wait_who("carla", state="online", show="away", status="Walking", resources=1)
        phone.vanishes()
        self.wait_who("carla", state="offline", resources=0)
        ends = {(session.resource, session.ending) for session in self.sessions("carla")}
        self.assertEqual(ends, {("desk", "left"), ("phone", "dropped")})
        self.assertLessEqual(min(session.began_at for session in self.sessions("carla")), began)

    def test_a_negative_priority_is_online_as_well(self):
        """RFC 6121 §4.7.2.3: it takes no messages, that is all."""
        robot, = self.member_with("dora", "robot")
        robot.shows("", "Watching the door", -128)
        self.wait_who("dora", state="online", priority=-128, resources=1)


if __name__ == "__main__":
    main()
