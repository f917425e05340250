"""The part of the walk about files that the vendor makes: wanted, uploaded, and what is said of a renewal."""

from handlers.blocks.ids import Action, BlockId
from tests.example import serial
from tests.page.guide import Guide
from tests.page.walk_overseeing import IVO
from tests.page.walk_registering import OLGA


def held(guide: Guide) -> None:
    """Somebody takes a file that is not there, an operator uploads it, and it arrives."""
    guide.be(IVO)
    guide.type(f"request {serial(200)}")
    guide.look("request, files of the vendor")
    guide.submit()
    guide.look("requested, the file is not there")
    guide.close()
    guide.rest()
    guide.be(OLGA)
    guide.look("a file is wanted")
    guide.press(Action.UPLOAD)
    guide.look("upload")
    guide.submit()
    guide.look("upload, no file given")
    guide.put(BlockId.FILE, "vendor.xml", b"<license/>")
    guide.submit()
    guide.look("upload, the serial number is not named")
    guide.submit()
    guide.look("uploaded")
    guide.close()
    guide.rest()
    guide.be(IVO)
    guide.look("the file of the vendor")
    guide.type(f"environments {serial(200)}")
    guide.look("environments, files of the vendor")
    guide.be(OLGA)
    guide.type("subscription Plant 000")
    guide.press(Action.RENEW)
    guide.fill(BlockId.ENDS, "2028-12-31")
    guide.submit()
    guide.look("renewed, files of the vendor")
    guide.close()
    guide.rest()
    guide.be(IVO)
    guide.look("renewed, upload the new files")
