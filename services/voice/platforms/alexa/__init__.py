"""An Alexa custom skill as a web service: verified requests in, responses out. Nothing is answered that Amazon has not signed for one of our skills."""
