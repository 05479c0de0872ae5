"""Words of five letters, all of them common nouns."""

_TEXT = """
angle apple beach berry blade board bread brick brush cabin cable camel candy chain chair chalk chest clock
cloud coach coast crane crown curve daisy dance diary dress eagle earth fence field flame flock flour flute
frost fruit giant glass globe glove grain grape grass guest heart honey horse hotel house jelly judge juice
knife label lemon lever light maple medal melon metal mouse music night north nurse ocean olive onion paint
panel paper peach pearl petal phone piano pilot plane plant plate queen radio ranch river robin salad scale
shade sheep shell shirt skate slope smile snake spoon stage stair steam stone storm stove sugar sword table
tiger toast torch towel tower track train trunk tulip uncle valve wagon watch water whale wheat wheel world
"""
WORDS: tuple[str, ...] = tuple(_TEXT.split())
"""What lists of words are drawn from."""
